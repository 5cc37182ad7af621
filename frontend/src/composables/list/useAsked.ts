import { ref, shallowRef } from 'vue'

/** Which dialog of a list is open, and for which row; null for one that makes a new row. */
export function useAsked<What extends string, Row>() {
  const asked = ref<What | null>(null)
  const chosen = shallowRef<Row | null>(null)

  function ask(what: What, row: Row | null = null): void {
    chosen.value = row
    asked.value = what
  }
  function close(): void {
    asked.value = null
  }
  return { asked, chosen, ask, close }
}
