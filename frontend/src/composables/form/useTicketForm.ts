import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import type { ApiError, FieldProblem } from '@/api/errors'
import type { Chosen, Field, FormValues, Priority } from '@/api/types'
import { fieldOf, sentValues, shownFields } from '@/lib/form/values'
import { usePeople } from '@/stores/people'

import { useComputedDefaults } from './useComputedDefaults'
import { useSimulation } from './useSimulation'

interface About {
  template: string
  /** The ticket's template version; the published one for a new ticket. */
  version?: number
  fields: Field[]
  priority?: Priority
  /** The people that the applicant chose before. */
  chosen?: Chosen
  /** The error of the last submission. */
  error: ApiError | null
}

/** A form and the server's answer about it: visible fields, required fields, errors. */
export function useTicketForm(about: About, values: Ref<FormValues>) {
  const people = usePeople()
  const chosen = ref<Chosen>({ ...about.chosen })
  const visible = shallowRef<string[] | null>(null)
  const untouched = shallowRef<ReadonlySet<string>>(new Set())
  const shown = computed(() => shownFields(about.fields, visible.value))
  const form = computed(() => sentValues(values.value, shown.value, untouched.value))
  /** Only nodes for which somebody was chosen: an empty choice is none. */
  const choice = computed(() => {
    const made = Object.entries(chosen.value).filter(([, usernames]) => usernames.length)
    return made.length ? Object.fromEntries(made) : undefined
  })

  const simulating = useSimulation(about.template, () => ({
    form: form.value,
    chosen: choice.value,
    priority: about.priority,
    version: about.version,
  }))
  const { simulation, isCurrent } = simulating
  watch(simulation, (answer) => {
    visible.value = answer?.visible ?? null
    people.learn(answer?.people ?? {})
  })
  const defaults = useComputedDefaults(() => about.fields, values, simulation)
  watch(defaults.untouched, (keys) => (untouched.value = keys), { immediate: true, flush: 'sync' })

  /** The last submitted values: an error is shown until its field changes. */
  const sent = shallowRef({})
  const said = computed<FieldProblem[]>(() => simulation.value?.errors ?? [])
  const problems = computed<FieldProblem[]>(() => [
    ...(sent.value === values.value ? (about.error?.errors ?? []) : []),
    ...(isCurrent.value ? said.value : []),
  ])
  /** The fields that are required now, once the server has answered. */
  const required = computed(() => simulation.value && new Set(simulation.value.required))

  /** Errors that belong to no visible field. */
  const strays = computed(() => {
    const inSight = new Set(shown.value.map((field) => field.key))
    return (about.error?.errors ?? []).filter(
      ({ path }) => !inSight.has(fieldOf(path)) && !path.startsWith('chosen.'),
    )
  })
  const handIn = () => {
    sent.value = values.value
    return { form: form.value, chosen: choice.value }
  }
  return { ...simulating, shown, chosen, problems, required, strays, handIn }
}
