"""Numbers, tokens, trees and their exact values: what equations and sentences are read into."""
