"""The device without the device: an arm64 machine emulated, and an image for one; no part of the product."""
