/** The shapes the API answers with; the only place where they are spelled out. */
import type { Text } from '@/lib/text'

export interface Page<T> {
  results: T[]
  next: string | null
}

export interface Person {
  name: string
  department?: string | null
}
export type People = Record<string, Person>

export interface Me {
  username: string
  name: string
  department: { key: string; name: Text } | null
  roles: string[]
  permissions: string[]
  is_admin: boolean
  language: 'zh-hans' | 'en'
  acting_for: string[]
  counts: { todo: number; mine: number; cc: number }
}

export type FieldOption = string | { value: string; label: Text }

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
}
export type FormValues = Record<string, unknown>

export interface TemplateSummary {
  key: string
  name: Text
  category: Text
  description: Text
  version: number
}
export interface Template extends TemplateSummary {
  form: Field[]
}

export interface Plan {
  node: string
  action: string
  version: string | number
  executor: string
  params: Record<string, unknown>
  targets: { name: string }[]
  digest: string
  summary?: Text
  command_preview?: string
}

export interface PathStep {
  node: string
  name: Text
  type: string
  assignees: string[]
  reason?: Text
  findings?: Text[]
}
export interface Simulation {
  path: PathStep[]
  people: People
  visible: string[]
  errors: { path: string; code: string; message: string }[]
  plans: Plan[]
}

export type TicketState =
  'draft' | 'approving' | 'returned' | 'executing' | 'failed' | 'completed' | 'vetoed' | 'withdrawn'
export type Priority = 'low' | 'normal' | 'high' | 'urgent'
export type TaskVerb = 'approve' | 'confirm' | 'return' | 'veto'

export interface MyTask {
  id: number
  node: string
  node_name: Text
  digest?: string | null
  due_at: string | null
  allowed_actions: string[]
}
export interface TicketRow {
  number: string
  title: string
  template: { key: string; version: number; name: Text }
  state: TicketState
  applicant: string
  applicant_name: string
  department: Text | null
  priority: Priority
  created_at: string
  submitted_at: string | null
  finished_at: string | null
  version: number
  waiting_for: {
    username: string
    name: string
    node_name: Text
    since: string
    due_at: string | null
  }[]
  my_tasks: MyTask[]
}

export interface ChainNode {
  node: string
  name: Text
  type: string
  round: number
  state: 'open' | 'done' | 'skipped' | 'closed'
  opened_at: string | null
  closed_at: string | null
}
export type TaskState =
  'pending' | 'approved' | 'returned' | 'vetoed' | 'confirmed' | 'transferred' | 'cancelled'
export interface Task {
  id: number
  node: string
  round: number
  assignee: string
  reason: Text | null
  state: TaskState
  decided_by: string | null
  on_behalf_of: string | null
  channel: string | null
  comment: string
  created_at: string
  due_at: string | null
  decided_at: string | null
  digest?: string | null
  allowed_actions: string[]
}
export type JobState = 'waiting' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'
export interface JobRef {
  id: number
  node: string
  state: JobState
  outcome: string | null
}
export interface Ticket {
  number: string
  title: string
  template: { key: string; version: number; name: Text }
  state: TicketState
  applicant: string
  department: Text | null
  content: FormValues
  form_fields: Field[]
  priority: Priority
  created_at: string
  submitted_at: string | null
  finished_at: string | null
  version: number
  content_version: number
  digest: string | null
  plans: Plan[]
  nodes: ChainNode[]
  tasks: Task[]
  jobs: JobRef[]
  upcoming: PathStep[]
  rating: { score: number; comment: string } | null
  allowed_actions: string[]
  people: People
}

export interface TicketEvent {
  seq: number
  at: string
  kind: string
  actor: string | null
  on_behalf_of: string | null
  data: Record<string, unknown>
}

export interface JobHost {
  name: string
  status: string
  changed: boolean | number
  message: string
}
export interface Job {
  id: number
  node: string
  state: JobState
  outcome: string | null
  plan: Plan
  hosts: JobHost[]
  attempt: number
  started_at: string | null
  finished_at: string | null
  allowed_actions?: string[]
}
export interface LogPart {
  text: string
  next_offset: number
  done: boolean
}

export interface Host {
  name: string
  labels: Record<string, string>
  groups: string[]
}

export interface ReportSummary {
  month: string
  total: number
  completed: number
  open: number
  vetoed: number
  withdrawn: number
  on_time_rate: number | null
  median_hours: number | null
  satisfaction: { average: number | null; count: number }
  by_state: { state: TicketState; count: number }[]
  by_template: {
    key: string
    name: Text
    submitted: number
    completed: number
    median_hours: number | null
  }[]
  by_handler: { username: string; name: string; decided: number; median_hours: number | null }[]
  by_day: { date: string; submitted: number; completed: number }[]
}
