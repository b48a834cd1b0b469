"""The portal: a desk for everyone who touches a case, served as plain pages that htmx makes quicker."""
