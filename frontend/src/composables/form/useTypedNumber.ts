import { computed, ref, type Ref } from 'vue'

/** The text as a number if possible; otherwise the text itself, so that the check can report it. */
export function readNumber(typed: string): unknown {
  const bare = typed.replace(/[\s,，]/g, '')
  if (!bare) return undefined
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(bare) ? Number(bare) : typed.trim()
}

/**
 * The text of a number field. With focus it is exactly what was typed; without focus, the number as `show`
 * formats it.
 */
export function useTypedNumber(value: Ref<unknown>, show: (number: number) => string) {
  const typed = ref<string | null>(null)
  const words = computed(() => {
    if (typed.value !== null) return typed.value
    return typeof value.value === 'number' ? show(value.value) : String(value.value ?? '')
  })

  /** On focus the text is not rewritten: that would undo the selection made by the Tab key. */
  const focus = () => (typed.value = words.value)
  const blur = () => (typed.value = null)
  function put(text: string): void {
    if (typed.value !== null) typed.value = text
    value.value = readNumber(text)
  }

  return { words, focus, blur, put }
}
