"""Speed as ratios: each promise beside a bare baseline that runs in the same minute on the same database."""
