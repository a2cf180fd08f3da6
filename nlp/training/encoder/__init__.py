"""Training of the encoder tier: a pretrained Chinese encoder, trained further on what the public writes, then on all heads."""
