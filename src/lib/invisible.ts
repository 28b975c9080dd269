/** Characters that are not seen: format and control characters, variation selectors, fillers, line separators. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;

/** Those of them that are no control characters: a line break in an address or a name must not just vanish. */
export const INVISIBLE_FORMAT = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
