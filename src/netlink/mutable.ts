/** An object under construction by the function that made it; handed out as its readonly original. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
