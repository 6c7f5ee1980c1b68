const decoder = new TextDecoder('utf-8');

/** The argument area of a process, as /proc/PID/cmdline shows it: NUL after each argument. */
export function stringsOf(bytes: Uint8Array): string[] {
  if (bytes.length === 0) return [];
  const text = decoder.decode(bytes);
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}

/** A C string in a field of fixed length. */
export function stringOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
