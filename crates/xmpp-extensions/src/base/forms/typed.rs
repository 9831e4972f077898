//! Forms of one type as structs: what `FORM_TYPE` registers, by name.

/// A struct whose fields are the fields of a form of one `FORM_TYPE`.
///
/// `name: one T = "var"` is an `Option<T>`, `name: many T = "var"` a `Vec<T>`
/// of a [`Value`](xmpp_stanza::payload::Value).
macro_rules! form_fields {
    (
        $(#[$doc:meta])*
        $form:ident = $form_type:expr;
        $( $(#[$field_doc:meta])* $field:ident: $often:ident $ty:ty = $var:literal, )*
    ) => {
        $(#[$doc])*
        ///
        /// Made by [`from_form`](Self::from_form), or by [`Default`] and its fields.
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $form<'a> {
            $(
                $(#[$field_doc])*
                pub $field: crate::base::forms::form_fields!(@type $often $ty),
            )*
            /// The fields that are not known here, and those with bad values.
            pub others: alloc::vec::Vec<crate::base::forms::Field<'a>>,
        }

        impl<'a> $form<'a> {
            /// The value of `FORM_TYPE`.
            pub const FORM_TYPE: &'static str = $form_type;

            /// What the form says; `None` if it is about something else. Empty
            /// values count as absent, unless they are texts.
            #[must_use]
            pub fn from_form(form: &'a crate::base::forms::Form<'_>) -> Option<Self> {
                (form.form_type() == Some(Self::FORM_TYPE)).then(|| Self::of_fields(form))
            }

            /// What the fields say, whatever the form is about.
            pub(crate) fn of_fields(form: &'a crate::base::forms::Form<'_>) -> Self {
                let mut this = Self::default();
                for field in &form.fields {
                    let known = match field.var.as_deref() {
                        Some(crate::base::forms::FORM_TYPE) => true,
                        $( Some($var) => {
                            crate::base::forms::form_fields!(@read $often $ty, this $field field)
                        } )*
                        _ => false,
                    };
                    if !known {
                        this.others.push(field.clone());
                    }
                }
                this
            }

            /// The form that says it, of that kind.
            #[must_use]
            pub fn to_form(
                &self,
                kind: crate::base::forms::FormKind,
            ) -> crate::base::forms::Form<'a> {
                self.to_form_of(Self::FORM_TYPE, kind)
            }

            /// The form that says it, about something else.
            pub(crate) fn to_form_of(
                &self,
                form_type: &'static str,
                kind: crate::base::forms::FormKind,
            ) -> crate::base::forms::Form<'a> {
                let mut form = crate::base::forms::Form::new(kind).with_form_type(form_type);
                $( {
                    let mut field = crate::base::forms::Field::new();
                    crate::base::forms::form_fields!(@write $often self $field field);
                    if !field.values.is_empty() {
                        field.var = Some(alloc::borrow::Cow::Borrowed($var));
                        form.fields.push(field);
                    }
                } )*
                form.fields.extend(self.others.iter().cloned());
                form
            }
        }
    };
    (@type one $ty:ty) => { Option<$ty> };
    (@type many $ty:ty) => { alloc::vec::Vec<$ty> };
    (@read one $ty:ty, $this:ident $field:ident $from:ident) => {
        match $from.get() {
            Ok(value) => {
                $this.$field = value;
                true
            }
            Err(_) => false,
        }
    };
    (@read many $ty:ty, $this:ident $field:ident $from:ident) => {
        {
            let is_text = <$ty as xmpp_stanza::payload::Value<'_>>::VERBATIM;
            let values = $from.values.iter().filter(|value| is_text || !value.trim().is_empty());
            let read = values.map(|value| {
                xmpp_stanza::payload::Value::read(alloc::borrow::Cow::Borrowed(&**value))
            });
            match read.collect::<Result<_, _>>() {
                Ok(values) => {
                    $this.$field = values;
                    true
                }
                Err(_) => false,
            }
        }
    };
    (@write one $this:ident $field:ident $to:ident) => {
        if let Some(value) = &$this.$field {
            xmpp_stanza::payload::Value::write(value, &mut |text| {
                $to.values.push(alloc::borrow::Cow::Owned(text.into()));
            });
        }
    };
    (@write many $this:ident $field:ident $to:ident) => {
        for value in &$this.$field {
            xmpp_stanza::payload::Value::write(value, &mut |text| {
                $to.values.push(alloc::borrow::Cow::Owned(text.into()));
            });
        }
    };
}
pub(crate) use form_fields;
