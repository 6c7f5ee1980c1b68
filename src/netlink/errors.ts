/**
 * Error numbers that requests get for an answer: name and text as perror(3) has them on Linux (include/uapi/asm-generic/errno*.h).
 * A list of its own, because a recording may be replayed where the numbers mean something else.
 */
const ERRORS: Readonly<Record<number, readonly [name: string, text: string]>> = {
  1: ['EPERM', 'Operation not permitted'], 2: ['ENOENT', 'No such file or directory'], 3: ['ESRCH', 'No such process'], 5: ['EIO', 'Input/output error'],
  6: ['ENXIO', 'No such device or address'], 7: ['E2BIG', 'Argument list too long'], 11: ['EAGAIN', 'Resource temporarily unavailable'],
  12: ['ENOMEM', 'Cannot allocate memory'], 13: ['EACCES', 'Permission denied'], 14: ['EFAULT', 'Bad address'], 16: ['EBUSY', 'Device or resource busy'],
  17: ['EEXIST', 'File exists'], 19: ['ENODEV', 'No such device'], 22: ['EINVAL', 'Invalid argument'], 23: ['ENFILE', 'Too many open files in system'],
  24: ['EMFILE', 'Too many open files'], 28: ['ENOSPC', 'No space left on device'], 30: ['EROFS', 'Read-only file system'],
  33: ['EDOM', 'Numerical argument out of domain'], 34: ['ERANGE', 'Numerical result out of range'], 36: ['ENAMETOOLONG', 'File name too long'],
  38: ['ENOSYS', 'Function not implemented'], 40: ['ELOOP', 'Too many levels of symbolic links'], 61: ['ENODATA', 'No data available'],
  75: ['EOVERFLOW', 'Value too large for defined data type'], 90: ['EMSGSIZE', 'Message too long'], 92: ['ENOPROTOOPT', 'Protocol not available'],
  93: ['EPROTONOSUPPORT', 'Protocol not supported'], 95: ['EOPNOTSUPP', 'Operation not supported'], 96: ['EPFNOSUPPORT', 'Protocol family not supported'],
  97: ['EAFNOSUPPORT', 'Address family not supported by protocol'], 98: ['EADDRINUSE', 'Address already in use'], 99: ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  100: ['ENETDOWN', 'Network is down'], 101: ['ENETUNREACH', 'Network is unreachable'], 105: ['ENOBUFS', 'No buffer space available'],
  107: ['ENOTCONN', 'Transport endpoint is not connected'], 110: ['ETIMEDOUT', 'Connection timed out'], 111: ['ECONNREFUSED', 'Connection refused'], 113: ['EHOSTUNREACH', 'No route to host'],
  114: ['EALREADY', 'Operation already in progress'], 122: ['EDQUOT', 'Disk quota exceeded'],
  // The kernel's own, without a text of the C library.
  524: ['ENOTSUPP', 'Unknown error 524'],
};

/** "EEXIST" */
export const errorName = (errno: number): string => ERRORS[errno]?.[0] ?? `errno ${errno}`;
/** "File exists": what programs print. */
export const errorText = (errno: number): string => ERRORS[errno]?.[1] ?? `Unknown error ${errno}`;
/** 17 for "EEXIST"; undefined: not in the list. */
export function errorNumber(name: string): number | undefined {
  const entry = Object.entries(ERRORS).find(([, [known]]) => known === name);
  return entry === undefined ? undefined : Number(entry[0]);
}
