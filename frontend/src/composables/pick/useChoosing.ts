import { computed, toValue, type MaybeRefOrGetter, type Ref } from 'vue'

import type { ChoiceSource } from '@/components/pick/choices'

import { useChoiceSearch } from './useChoiceSearch'

interface Rules {
  many?: boolean
  max?: number
  /** The list closes after every choice, because it would cover the next input. */
  brief?: boolean
}

/** Choosing from a searchable list, by mouse or keyboard: arrows move, Enter chooses, Esc closes. */
export function useChoosing(
  source: ChoiceSource,
  chosen: Ref<string[]>,
  rules: MaybeRefOrGetter<Rules>,
) {
  const search = useChoiceSearch(source)
  const { q, open, found, active, move } = search

  const isFull = computed(() => {
    const { many, max } = toValue(rules)
    return many === true && max !== undefined && chosen.value.length >= max
  })

  function choose(value: string): void {
    const { many, brief } = toValue(rules)
    const isIn = chosen.value.includes(value)
    if (!isIn && isFull.value) return
    if (isIn) chosen.value = chosen.value.filter((one) => one !== value)
    else chosen.value = many ? [...chosen.value, value] : [value]
    q.value = ''
    if (!many || brief) open.value = false
  }

  function take(event: Event): void {
    const choice = open.value && found.value?.[active.value]
    if (!choice) return
    event.preventDefault()
    choose(choice.value)
  }
  function step(by: number): void {
    if (open.value) move(by)
    else open.value = true
  }
  /** Closes the list, but not the dialog that contains it. */
  function escape(event: Event): void {
    if (!open.value) return
    event.preventDefault()
    event.stopPropagation()
    open.value = false
  }
  function back(): void {
    if (!q.value) chosen.value = chosen.value.slice(0, -1)
  }
  return { ...search, isFull, choose, take, step, escape, back }
}
