"""One method: its handler, and how params become its arguments."""

import inspect
from typing import Any, Callable, Dict, List, Optional, Tuple

from ..errors import INVALID_PARAMS, RpcError

CONTEXT = "context"
Arguments = Tuple[List[Any], Dict[str, Any]]


class Method:
    def __init__(self, name: str, handler: Callable[..., Any], deadline: Optional[float] = None) -> None:
        if deadline is not None and not deadline > 0:
            raise ValueError(f"the deadline of {name} must be a number of seconds above 0, not {deadline!r}")
        self.name = name
        self.handler = handler
        self.deadline = deadline
        self.about = (inspect.getdoc(handler) or "").split("\n", 1)[0]
        kind = handler if inspect.isroutine(handler) else getattr(handler, "__call__", handler)  # noqa: B004
        self.is_async_stream = inspect.isasyncgenfunction(kind)
        self.is_stream = self.is_async_stream or inspect.isgeneratorfunction(kind)
        self.is_async = self.is_async_stream or inspect.iscoroutinefunction(kind)
        self._read_signature(inspect.signature(handler))

    def _read_signature(self, signature: inspect.Signature) -> None:
        parameters = [each for each in signature.parameters.values() if each.name != CONTEXT]
        self.wants_context = len(parameters) < len(signature.parameters)
        if self.wants_context and signature.parameters[CONTEXT].kind is inspect.Parameter.POSITIONAL_ONLY:
            raise TypeError(f"{self.name}: the parameter {CONTEXT} can't be positional only")
        kinds = inspect.Parameter
        self._positional = [
            each.name for each in parameters if each.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
        ]
        self._positional_only = {each.name for each in parameters if each.kind is kinds.POSITIONAL_ONLY}
        self._takes_more = any(each.kind is kinds.VAR_POSITIONAL for each in parameters)
        self._takes_any_name = any(each.kind is kinds.VAR_KEYWORD for each in parameters)
        named = [each for each in parameters if each.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)]
        self._names = {each.name for each in named}
        self._needs = {each.name for each in named if each.default is kinds.empty}
        self._needed_in_order = [name for name in self._positional if name in self._needs]
        self._keyword_needs = {
            each.name for each in named if each.kind is kinds.KEYWORD_ONLY and each.default is kinds.empty
        }
        # Arguments in order can't be passed around a context that stands in front of them.
        order = list(signature.parameters)
        self._context_in_front = self.wants_context and order.index(CONTEXT) < len(self._positional)

    def bind(self, params: Any) -> Arguments:
        """The arguments for these params. Raises RpcError (-32602) with the names of what is missing or too much."""
        if type(params) is dict:
            if params.keys() != self._needs or self._positional_only:
                return self._by_name(params)
            return [], params
        return self._by_position([] if params is None else params)

    def _by_name(self, params: Dict[str, Any]) -> Arguments:
        unknown = [] if self._takes_any_name else [name for name in params if name not in self._names]
        if CONTEXT in params and self.wants_context and CONTEXT not in unknown:
            unknown.append(CONTEXT)
        self._refuse(unknown, [name for name in self._order() if name in self._needs and name not in params])
        positional = [params[name] for name in self._positional if name in self._positional_only and name in params]
        return positional, {name: value for name, value in params.items() if name not in self._positional_only}

    def _by_position(self, params: List[Any]) -> Arguments:
        count = len(params)
        if count > len(self._positional) and not self._takes_more:
            takes = f"at most {len(self._positional)}" if self._positional else "no"
            plural = "" if len(self._positional) == 1 else "s"
            raise RpcError(INVALID_PARAMS, f"Invalid params: {self.name} takes {takes} parameter{plural}, not {count}")
        missing = [name for name in self._positional[count:] if name in self._needs]
        self._refuse([], missing + sorted(self._keyword_needs))
        if not self._context_in_front:
            return params, {}
        if count > len(self._positional):
            raise RpcError(INVALID_PARAMS, f"Invalid params: {self.name} takes its parameters by name")
        return [], dict(zip(self._positional, params))

    def _order(self) -> List[str]:
        return self._positional + sorted(self._names.difference(self._positional))

    def _refuse(self, unknown: List[str], missing: List[str]) -> None:
        if not unknown and not missing:
            return
        told = [f"{name} is missing" for name in missing] + [f"there is no parameter {name!r:.80}" for name in unknown]
        raise RpcError(INVALID_PARAMS, f"Invalid params of {self.name}: {', '.join(told)}")

    def describe(self) -> Dict[str, Any]:
        """What `rpc.discover` tells, in the shapes of OpenRPC."""
        told: Dict[str, Any] = {"name": self.name}
        if self.about:
            told["summary"] = self.about
        told["params"] = [{"name": name, "required": name in self._needs} for name in self._order()]
        return told
