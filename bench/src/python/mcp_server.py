"""A server by the MCP SDK for Python."""

from mcp.server.fastmcp import FastMCP

server = FastMCP("bench", log_level="ERROR")


@server.tool()
def add(a: int, b: int) -> int:
    return a + b


server.run()
