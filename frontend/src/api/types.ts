/**
 * The shapes of the API under the names the app uses. They come from the OpenAPI document
 * (`npm run schema`); only types that the document leaves open are written by hand.
 */
import type { Text } from '@/lib/format/text'

import type { components } from './schema'

type Schemas = components['schemas']

export interface Page<T> {
  results: T[]
  next: string | null
}

export type People = Record<string, { name: string }>

export type Me = Schemas['ProfileOutput'] & {
  language: 'zh-hans' | 'en'
  counts: { todo: number; mine: number; cc: number }
}

export type FieldOption = string | { value: string; label: Text }
/** One option of a cascade; without a label its value is shown. */
export interface CascadeOption {
  value: string
  label?: Text
  children?: CascadeOption[]
}
export type Attachment = Omit<Schemas['AttachmentOutput'], 'id'> & { id: string }

/** A field of a form, as the author wrote it; a template may use types that this app does not know. */
export interface Field {
  key: string
  type: string
  label: Text
  help?: Text
  placeholder?: Text
  required?: boolean
  default?: unknown
  options?: FieldOption[]
  visible_when?: string
  required_when?: string
  min?: number
  max?: number
  precision?: number
  min_length?: number
  max_length?: number
  pattern?: string
  min_items?: number
  max_items?: number
  unit?: Text
  currency?: string
  max_days?: number
  max_size_mb?: number
  accept?: string[]
  columns?: Field[]
  levels?: Text[]
  any_level?: boolean
}
export type FormValues = Record<string, unknown>

export type TemplateSummary = Schemas['TemplateOutput']
export type Template = Omit<Schemas['TemplateDetailOutput'], 'form'> & { form: Field[] }

export type Plan = Schemas['PlanOutput']
export type PlanDryRun = Schemas['PlanDryRunOutput']
export type Foreseen = Schemas['ForeseenOutput']
export type PathStep = Omit<Schemas['StepOutput'], 'reason'> & {
  reason: Text | null
  /** Who may act for one of the assignees; only simulations fill this. */
  agents?: Schemas['AgentOutput'][]
}
export type Simulation = Omit<Schemas['SimulateOutput'], 'path'> & {
  path: PathStep[]
  plans?: Plan[]
}
/** The people that the applicant chose, by node. */
export type Chosen = Record<string, string[]>

export type MyTask = Schemas['MyTaskOutput']
export type PlanLine = Schemas['PlanLineOutput']
export type TicketRow = Schemas['TicketRowOutput']
export type TicketState = TicketRow['state']
export type Priority = TicketRow['priority']
export type Decision = 'approve' | 'confirm' | 'return' | 'veto'
export type TaskVerb = Decision | 'transfer' | 'add_sign' | 'remove_sign'
export type SignPosition = 'before' | 'after' | 'with'

export type Within = Schemas['WithinOutput']
export type Relative = Omit<Schemas['ChildOutput'], 'visit'>
export type ChainNode = Schemas['NodeOutput']
export type Task = Schemas['TaskOutput']
export type TaskState = Task['state']
export type JobRef = Schemas['JobRefOutput']
export type Ticket = Omit<Schemas['TicketOutput'], 'form_fields' | 'upcoming' | 'children'> & {
  form_fields: Field[]
  upcoming: PathStep[]
  children: Relative[]
}

type AnyEvent = Schemas['EventOutput']
type KeyOf<U> = U extends unknown ? keyof U : never
type ValueOf<U, K extends PropertyKey> = U extends unknown
  ? K extends keyof U
    ? U[K]
    : never
  : never
export type EventKind = AnyEvent['kind']
/** The data of any event: each key has the types that the kinds give it. */
export type EventData = { [K in KeyOf<AnyEvent['data']>]?: ValueOf<AnyEvent['data'], K> }
/** An event of a known kind, or of a kind that a newer server has added. */
export type TicketEvent = Omit<AnyEvent, 'kind' | 'data'> & { kind: string; data: EventData }
export type EventOf<K extends EventKind> = TicketEvent & Extract<AnyEvent, { kind: K }>

export type Job = Schemas['JobDetailOutput']
export type JobRow = Schemas['JobOutput']
export type JobState = Job['state']
export type HostStatus = Schemas['JobHostOutput']['status']
export type LogPart = Schemas['JobLogOutput']
export type Host = Schemas['HostOutput']

export type ReportSummary = Schemas['SummaryOutput']
export type ReportRun = Schemas['RunOutput']
