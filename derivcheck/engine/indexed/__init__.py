"""Owns the every-size road: proofs of matrix claims in which the sizes of dimensions stay symbols."""
