/**
 * The shapes of the API under the names the app uses. They come from the OpenAPI document
 * (`npm run schema`); written out by hand is only what it leaves open.
 */
import type { Text } from '@/lib/text'

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

export type FieldOption = string | { value: string; label: Text; children?: FieldOption[] }
export type Attachment = Schemas['AttachmentOutput']

/** A field of a form as its author wrote it; templates may know types this app does not. */
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
  min?: number
  max?: number
  precision?: number
  min_length?: number
  max_length?: number
  pattern?: string
  max_items?: number
  unit?: Text
}
export type FormValues = Record<string, unknown>

export type TemplateSummary = Schemas['TemplateOutput']
export type Template = Omit<Schemas['TemplateDetailOutput'], 'form'> & { form: Field[] }

export type Plan = Schemas['PlanOutput']
export type PathStep = Omit<Schemas['StepOutput'], 'reason'> & { reason: Text | null }
export type Simulation = Omit<Schemas['SimulateOutput'], 'path'> & {
  path: PathStep[]
  plans?: Plan[]
}

export type MyTask = Schemas['MyTaskOutput']
export type TicketRow = Schemas['TicketRowOutput']
export type TicketState = TicketRow['state']
export type Priority = TicketRow['priority']
export type TaskVerb = 'approve' | 'confirm' | 'return' | 'veto'

export type ChainNode = Schemas['NodeOutput']
export type Task = Schemas['TaskOutput']
export type TaskState = Task['state']
export type JobRef = Schemas['JobRefOutput']
export type Ticket = Omit<Schemas['TicketOutput'], 'form_fields'> & { form_fields: Field[] }
export type TicketEvent = Schemas['EventOutput']

export type Job = Schemas['JobDetailOutput']
export type JobState = Job['state']
export type HostStatus = Schemas['JobHostOutput']['status']
export type LogPart = Schemas['JobLogOutput']
export type Host = Schemas['HostOutput']

export type ReportSummary = Schemas['SummaryOutput']
