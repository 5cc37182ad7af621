"""What the trail proves: ledger, `audit verify`, checkpoints, anchors."""
