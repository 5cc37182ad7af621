import { computed, shallowRef, watch, type Ref } from 'vue'

import type { Field, FormValues, Simulation } from '@/api/types'
import { isComputed } from '@/lib/form/values'

/**
 * Defaults that an expression computes. The server evaluates them with every answer, and they follow the
 * form until somebody types another value. `untouched`: the fields that still follow.
 */
export function useComputedDefaults(
  fields: () => Field[],
  values: Ref<FormValues>,
  simulation: Ref<Simulation | null>,
) {
  const given = shallowRef<FormValues>({})
  const follows = (key: string) => values.value[key] === given.value[key]
  const untouched = computed(
    () =>
      new Set(
        fields()
          .filter((field) => isComputed(field) && follows(field.key))
          .map(({ key }) => key),
      ),
  )

  watch(simulation, (answer) => {
    if (!answer || !untouched.value.size) return
    const fresh = Object.fromEntries([...untouched.value].map((key) => [key, answer.values[key]]))
    const differs = Object.keys(fresh).some((key) => !isSame(fresh[key], given.value[key]))
    if (!differs) return
    given.value = { ...given.value, ...fresh }
    values.value = { ...values.value, ...fresh }
  })

  return { untouched }
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
