"""One module a service: see README.md. All that lie here are found by themselves."""
