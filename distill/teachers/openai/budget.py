"""The budget: tokens and dollars that a run may spend, reserved before a request is sent and settled by its reply."""

from distill.teachers.chat.store import TokenCount
from distill.teachers.openai.settings import Price

# Text has at least this many bytes a token, so that what is reserved is rather too much.
BYTES_PER_TOKEN = 2.5
FREE = Price(input=0.0, output=0.0)


def cost_usd(count: TokenCount, price: Price) -> float:
    """What these tokens cost, in dollars."""
    cached_price = price.input if price.cached is None else price.cached
    sent = (count.input - count.cached) * price.input + count.cached * cached_price
    return (sent + count.output * price.output) / 1e6


def expected_tokens(sent_bytes: int, max_tokens: int) -> TokenCount:
    """The most that a request will take."""
    return TokenCount(int(sent_bytes / BYTES_PER_TOKEN) + 1, max_tokens)


class Budget:
    """Counts what is spent and what is set aside for requests under way. A limit of 0 is none."""

    def __init__(self, tokens: int = 0, usd: float = 0.0, price: Price = FREE) -> None:
        self.limit_tokens, self.limit_usd, self.price = tokens, usd, price
        self.tokens, self.usd = 0, 0.0
        self._reserved_tokens, self._reserved_usd = 0, 0.0
        self.under_way = 0

    def spent(self, count: TokenCount) -> None:
        """Count what has been spent."""
        self.tokens += count.total
        self.usd += cost_usd(count, self.price)

    def reserve(self, count: TokenCount) -> bool:
        """Set this aside, if it fits beside what is spent and set aside already."""
        tokens = self.tokens + self._reserved_tokens + count.total
        usd = self.usd + self._reserved_usd + cost_usd(count, self.price)
        if (self.limit_tokens and tokens > self.limit_tokens) or (self.limit_usd and usd > self.limit_usd):
            return False
        self._reserved_tokens += count.total
        self._reserved_usd += cost_usd(count, self.price)
        self.under_way += 1
        return True

    def release(self, count: TokenCount) -> None:
        """Give back what was set aside."""
        self._reserved_tokens -= count.total
        self._reserved_usd -= cost_usd(count, self.price)
        self.under_way -= 1

    def told(self) -> str:
        """What is spent, and of what, in a few words."""
        tokens = f"{self.tokens:,} tokens" + (f" of {self.limit_tokens:,}" if self.limit_tokens else "")
        if self.price == FREE:
            return tokens
        return (
            dollars(self.usd) + (f" of {dollars(self.limit_usd)}" if self.limit_usd else "") + f", {tokens}"
        )


def dollars(usd: float) -> str:
    """A sum as people write it, with more digits where it is small."""
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"
