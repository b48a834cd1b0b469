"""What runs where: lanes as Prefect deployments, the server and the warm worker that carry them."""
