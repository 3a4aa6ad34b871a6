import buffer from "node:buffer";

/** Between UTF-8 and UTF-16 by vector instructions. `undefined` where Node was built without ICU. */
export const transcode: typeof buffer.transcode | undefined = buffer.transcode;
