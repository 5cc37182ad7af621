import { computed, ref, shallowRef, watch, type Ref } from 'vue'

import type { ApiError, FieldProblem } from '@/api/errors'
import type { Chosen, Field, FormValues, Priority } from '@/api/types'
import { fieldOf, sentValues, shownFields } from '@/lib/form/values'
import { usePeople } from '@/stores/people'

import { useComputedDefaults } from './useComputedDefaults'
import { useSimulation } from './useSimulation'

interface About {
  template: string
  /** The version of the template that the ticket holds to; the published one for a new one. */
  version?: number
  fields: Field[]
  priority?: Priority
  /** Whom the applicant chose before. */
  chosen?: Chosen
  /** The refusal of what was handed in last. */
  error: ApiError | null
}

/** A form and what the server says about it as it stands: what shows, what is needed, what is wrong. */
export function useTicketForm(about: About, values: Ref<FormValues>) {
  const people = usePeople()
  const chosen = ref<Chosen>({ ...about.chosen })
  const visible = shallowRef<string[] | null>(null)
  const untouched = shallowRef<ReadonlySet<string>>(new Set())
  const shown = computed(() => shownFields(about.fields, visible.value))
  const form = computed(() => sentValues(values.value, shown.value, untouched.value))
  /** Only the nodes where somebody was chosen: an empty choice is none. */
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

  /** What was sent last: a refusal speaks about that, and falls silent once it is changed. */
  const sent = shallowRef({})
  const said = computed<FieldProblem[]>(() => simulation.value?.errors ?? [])
  const problems = computed<FieldProblem[]>(() => [
    ...(sent.value === values.value ? (about.error?.errors ?? []) : []),
    ...(isCurrent.value ? said.value : []),
  ])
  /** What must be filled in as things stand, once the server has said so. */
  const required = computed(() => simulation.value && new Set(simulation.value.required))

  /** What was refused and belongs to nothing in sight. */
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
