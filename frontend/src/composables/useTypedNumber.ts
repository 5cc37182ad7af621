import { computed, ref, type Ref } from 'vue'

/** A number where it reads as one; otherwise what was typed, so that the check can name it. */
export function readNumber(typed: string): unknown {
  const bare = typed.replace(/[\s,，]/g, '')
  if (!bare) return undefined
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(bare) ? Number(bare) : typed.trim()
}

/**
 * The text of a number field. While it has the focus it is what was typed, digit for digit; without
 * it, the number as `show` writes it.
 */
export function useTypedNumber(value: Ref<unknown>, show: (number: number) => string) {
  const typed = ref<string | null>(null)
  const words = computed(() => {
    if (typed.value !== null) return typed.value
    return typeof value.value === 'number' ? show(value.value) : String(value.value ?? '')
  })

  /** What stands there stays: rewriting it would undo the selection that a Tab into the field makes. */
  const focus = () => (typed.value = words.value)
  const blur = () => (typed.value = null)
  function put(text: string): void {
    if (typed.value !== null) typed.value = text
    value.value = readNumber(text)
  }

  return { words, focus, blur, put }
}
