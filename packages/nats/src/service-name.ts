import { refuse, type Check } from "@procwire/transport/extend";

const NAME = /^[\w-]{1,64}$/;
const PREFIX = /^[\w-]+(?:\.[\w-]+)*$/;
const VERSION = /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;

/** A name as the services API takes it; it is one token of a subject. */
export const serviceName: Check<string> = (value, place) => {
  if (typeof value === "string" && NAME.test(value)) return value;
  const expected = 'a name of letters, digits, "-" and "_", such as "math"';
  return refuse(typeof value === "string" ? RangeError : TypeError, value, place, expected);
};

export const subjectPrefix: Check<string> = (value, place) => {
  if (typeof value === "string" && PREFIX.test(value)) return value;
  const expected = 'the beginning of a subject, such as "rpc" or "acme.rpc"';
  return refuse(typeof value === "string" ? RangeError : TypeError, value, place, expected);
};

export const semanticVersion: Check<string> = (value, place) => {
  if (typeof value === "string" && VERSION.test(value)) return value;
  return refuse(typeof value === "string" ? RangeError : TypeError, value, place, 'a version, such as "1.2.0"');
};
