"""The names that belong to the protocol. Nothing outside of this file spells one."""

CANCEL = "$/cancelRequest"
PROGRESS = "$/progress"
STREAM_PULL = "$/stream/pull"
STREAM_ITEMS = "$/stream/items"
INPUT_OPEN = "$/input/open"
INPUT_PULL = "$/input/pull"
INPUT_ITEMS = "$/input/items"
INPUT_END = "$/input/end"
PING = "$/ping"
DISCOVER = "rpc.discover"
SHUTDOWN = "shutdown"

RESERVED_PREFIXES = ("$/", "rpc.")
