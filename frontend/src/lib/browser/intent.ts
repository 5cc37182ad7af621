/** A UUID even without `randomUUID`, which pages over plain HTTP do not have. */
export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/**
 * One idempotency key for each thing a person wants.
 *
 * Repeating the same request (same content, same target) uses the same key, so that a lost answer cannot
 * make it happen twice. Call `done` after an answer.
 */
export function createIntent() {
  let wish = ''
  let key = ''
  return {
    keyFor(...parts: unknown[]): string {
      const next = JSON.stringify(parts)
      if (next !== wish || !key) {
        wish = next
        key = uuid()
      }
      return key
    },
    done(): void {
      wish = key = ''
    },
  }
}
