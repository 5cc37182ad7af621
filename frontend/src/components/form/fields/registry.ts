import { defineAsyncComponent, type Component } from 'vue'

import ChoicesField from './ChoicesField.vue'
import LongTextField from './LongTextField.vue'
import MoneyField from './MoneyField.vue'
import NumberField from './NumberField.vue'
import SelectField from './SelectField.vue'
import SwitchField from './SwitchField.vue'
import TextField from './TextField.vue'
import UnknownField from './UnknownField.vue'

/** One line per field type; large ones are loaded when a form needs them. */
const DateField = defineAsyncComponent(() => import('./DateField.vue'))
const PeopleField = defineAsyncComponent(() => import('./PeopleField.vue'))

const FIELDS: Record<string, Component> = {
  text: TextField,
  textarea: LongTextField,
  markdown: defineAsyncComponent(() => import('./MarkdownField.vue')),
  number: NumberField,
  money: MoneyField,
  select: SelectField,
  radio: ChoicesField,
  checkbox: ChoicesField,
  multiselect: defineAsyncComponent(() => import('./MultiSelectField.vue')),
  switch: SwitchField,
  date: DateField,
  datetime: DateField,
  daterange: defineAsyncComponent(() => import('./DateRangeField.vue')),
  user: PeopleField,
  users: PeopleField,
  department: defineAsyncComponent(() => import('./DepartmentField.vue')),
  hosts: defineAsyncComponent(() => import('./HostsField.vue')),
  attachment: defineAsyncComponent(() => import('./AttachmentField.vue')),
  table: defineAsyncComponent(() => import('./TableField.vue')),
  cascade: defineAsyncComponent(() => import('./CascadeField.vue')),
}

/** Fields that show the errors of their parts themselves. */
export const TELLS_ITS_PARTS = new Set(['table', 'attachment', 'daterange'])

export const fieldComponent = (type: string): Component => FIELDS[type] ?? UnknownField
