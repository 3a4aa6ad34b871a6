"""Both directions of one link: requests, answers, streams, and the threads that carry them."""
