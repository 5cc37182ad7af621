import { defineAsyncComponent, type Component } from 'vue'

import ChoicesField from './ChoicesField.vue'
import LongTextField from './LongTextField.vue'
import NumberField from './NumberField.vue'
import SelectField from './SelectField.vue'
import SwitchField from './SwitchField.vue'
import TextField from './TextField.vue'
import UnknownField from './UnknownField.vue'

/** One line per field type; the heavy ones arrive when a form has them. */
const DateField = defineAsyncComponent(() => import('./DateField.vue'))
const HostsField = defineAsyncComponent(() => import('./HostsField.vue'))

const FIELDS: Record<string, Component> = {
  text: TextField,
  textarea: LongTextField,
  number: NumberField,
  money: NumberField,
  select: SelectField,
  radio: ChoicesField,
  checkbox: ChoicesField,
  multiselect: ChoicesField,
  switch: SwitchField,
  date: DateField,
  datetime: DateField,
  hosts: HostsField,
}

export const fieldComponent = (type: string): Component => FIELDS[type] ?? UnknownField
