"""Speed as ratios against a peer or the limit, in one run; `make bench` prints them, no test times anything."""
