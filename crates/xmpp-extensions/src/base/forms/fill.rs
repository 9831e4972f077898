//! Filling a form in: XEP-0004, 3.1 to 3.3.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::JidRef;
use xmpp_stanza::payload::Value as _;

use super::{Field, FieldKind, Form, FormKind, ValidationMethod};

/// The answers to a form, checked one by one against it.
///
/// What is not answered keeps the value that the form has for it. Hidden
/// fields, `FORM_TYPE` among them, are given back as they are; fixed ones are
/// left out.
///
/// ```
/// use xmpp_extensions::base::forms::{Field, FieldKind, Filling, Form, FormKind};
///
/// let form = Form::new(FormKind::Form)
///     .with_form_type("jabber:bot")
///     .with_fields([
///         Field::new().with_var("botname").with_kind(FieldKind::TextSingle).with_required(),
///         Field::of("public", "1").with_kind(FieldKind::Boolean),
///     ]);
///
/// let mut filling = Filling::of(&form);
/// filling.answer("botname", ["The Jabber Google Bot"])?;
/// assert!(filling.answer("public", ["perhaps"]).is_err());
/// let submission = filling.finish()?;
/// assert_eq!(submission.value("FORM_TYPE"), Some("jabber:bot"));
/// assert_eq!(submission.get("public")?, Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Filling<'f> {
    form: &'f Form<'f>,
    /// For each field of the form.
    answers: Vec<Option<Vec<Cow<'f, str>>>>,
}

/// Why an answer does not fit a form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FillError {
    /// The form has no such field, or it is not one to be filled in.
    NoSuchField(String),
    /// A field that has to be filled in is not.
    Missing(String),
    /// More values than the field has.
    TooMany(String),
    /// A value that is none of the options.
    NotAnOption(String),
    /// A value that is not of the field's type, or not in its range.
    BadValue(String),
    /// A value that is there twice.
    Repeated(String),
    /// Fewer or more options are chosen than is allowed (XEP-0122, 3.3).
    WrongNumber(String),
}

impl<'f> Filling<'f> {
    /// Begins to fill the form in.
    #[must_use]
    pub fn of(form: &'f Form<'f>) -> Self {
        Self { form, answers: form.fields.iter().map(|_| None).collect() }
    }

    /// Answers a field. Lines of a [`TextMulti`](FieldKind::TextMulti) may come
    /// in one text: they become a value each. No value at all empties it.
    ///
    /// # Errors
    ///
    /// If the field or its type does not allow that.
    pub fn answer<T: Into<Cow<'f, str>>>(
        &mut self,
        var: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Result<(), FillError> {
        let fields = &self.form.fields;
        let at = fields.iter().position(|field| field.var.as_deref() == Some(var));
        let field = at.and_then(|at| fields.get(at));
        let (Some(at), Some(field)) = (at, field) else {
            return Err(FillError::NoSuchField(var.into()));
        };
        let mut values: Vec<Cow<'f, str>> = values.into_iter().map(Into::into).collect();
        let kind = field.kind.unwrap_or_default();
        match kind {
            FieldKind::Fixed | FieldKind::Hidden => {
                return Err(FillError::NoSuchField(var.into()));
            }
            FieldKind::TextMulti => values = values.into_iter().flat_map(lines).collect(),
            _ => {}
        }
        check(field, kind, &values)?;
        if let Some(answer) = self.answers.get_mut(at) {
            *answer = Some(values);
        }
        Ok(())
    }

    /// The form to be submitted.
    ///
    /// # Errors
    ///
    /// If a field that has to be filled in is not.
    pub fn finish(self) -> Result<Form<'f>, FillError> {
        let mut submission = Form::new(FormKind::Submit);
        for (field, answer) in self.form.fields.iter().zip(self.answers) {
            let (Some(var), kind) = (&field.var, field.kind.unwrap_or_default()) else { continue };
            if kind == FieldKind::Fixed {
                continue;
            }
            let values = answer.unwrap_or_else(|| field.values.clone());
            if field.required && values.iter().all(|value| value.is_empty()) {
                return Err(FillError::Missing(var.as_ref().into()));
            }
            if values.is_empty() {
                continue;
            }
            let mut filled = Field::new().with_var(var.clone());
            filled.kind = field.kind;
            filled.values = values;
            submission.fields.push(filled);
        }
        Ok(submission)
    }
}

/// XEP-0004, 3.2: a value has no line feeds or carriage returns. An empty line is a
/// value too.
fn lines(text: Cow<'_, str>) -> Vec<Cow<'_, str>> {
    fn split(text: &str) -> impl Iterator<Item = &str> {
        text.lines().flat_map(|line| line.split('\r'))
    }
    match text {
        line if !line.contains(['\n', '\r']) => alloc::vec![line],
        Cow::Borrowed(text) => split(text).map(Cow::Borrowed).collect(),
        Cow::Owned(text) => split(&text).map(|line| Cow::Owned(line.into())).collect(),
    }
}

fn check(field: &Field<'_>, kind: FieldKind, values: &[Cow<'_, str>]) -> Result<(), FillError> {
    let var = || String::from(field.var.as_deref().unwrap_or_default());
    let multi = matches!(kind, FieldKind::JidMulti | FieldKind::ListMulti | FieldKind::TextMulti);
    if !multi && values.len() > 1 {
        return Err(FillError::TooMany(var()));
    }
    let validate = field.validate.as_ref();
    let open = validate.is_some_and(|v| matches!(v.method, Some(ValidationMethod::Open)));
    for value in values {
        match kind {
            FieldKind::Boolean if bool::read(Cow::Borrowed(value)).is_err() => {
                return Err(FillError::BadValue(var()));
            }
            FieldKind::JidMulti | FieldKind::JidSingle if JidRef::new(value).is_err() => {
                return Err(FillError::BadValue(var()));
            }
            FieldKind::ListMulti | FieldKind::ListSingle
                if !open && field.options.iter().all(|option| option.value != *value) =>
            {
                return Err(FillError::NotAnOption(var()));
            }
            _ if validate.is_some_and(|v| v.allows(value) == Some(false)) => {
                return Err(FillError::BadValue(var()));
            }
            _ => {}
        }
    }
    if matches!(kind, FieldKind::JidMulti | FieldKind::ListMulti) {
        let mut sorted: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
            return Err(FillError::Repeated(var()));
        }
    }
    if kind == FieldKind::ListMulti
        && let Some(range) = validate.and_then(|v| v.list_range.as_ref())
    {
        let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
        if range.min.is_some_and(|min| number < min) || range.max.is_some_and(|max| number > max) {
            return Err(FillError::WrongNumber(var()));
        }
    }
    Ok(())
}

impl fmt::Display for FillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchField(var) => write!(f, "there is no field '{var}' to be filled in"),
            Self::Missing(var) => write!(f, "the field '{var}' has to be filled in"),
            Self::TooMany(var) => write!(f, "the field '{var}' has only one value"),
            Self::NotAnOption(var) => write!(f, "the field '{var}' has no such option"),
            Self::BadValue(var) => write!(f, "the field '{var}' cannot have that value"),
            Self::Repeated(var) => write!(f, "the field '{var}' can have each value only once"),
            Self::WrongNumber(var) => {
                write!(f, "the field '{var}' needs another number of options")
            }
        }
    }
}

impl core::error::Error for FillError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use xmpp_stanza::xml::Element;
    use xmpp_stanza::{IntoOwned as _, Payload as _};

    /// XEP-0004, example 2, with the fields of each type.
    const FORM: &str = "<x xmlns='jabber:x:data' type='form'>
      <title>Bot Configuration</title>
      <field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>
      <field type='fixed'><value>Section 1: Bot Info</value></field>
      <field type='text-single' label='The name of your bot' var='botname'/>
      <field type='text-multi' label='Helpful description of your bot' var='description'/>
      <field type='boolean' label='Public bot?' var='public'><required/></field>
      <field type='text-private' label='Password for special access' var='password'/>
      <field type='list-multi' label='What features will the bot support?' var='features'>
        <option label='Contests'><value>contests</value></option>
        <option label='News'><value>news</value></option>
        <option label='Polls'><value>polls</value></option>
        <option label='Reminders'><value>reminders</value></option>
        <option label='Search'><value>search</value></option>
        <value>news</value><value>search</value>
      </field>
      <field type='list-single' label='Maximum number of subscribers' var='maxsubs'>
        <value>20</value>
        <option label='10'><value>10</value></option>
        <option label='20'><value>20</value></option>
        <option label='None'><value>none</value></option>
      </field>
      <field type='jid-multi' label='People to invite' var='invitelist'/>
    </x>";

    #[test]
    fn the_example_is_filled_in() {
        // XEP-0004, example 3.
        let element = Element::parse(FORM).unwrap();
        let form = Form::parse(element.as_ref()).unwrap();
        let mut filling = Filling::of(&form);
        filling.answer("botname", ["The Jabber Google Bot"]).unwrap();
        filling
            .answer("description", ["This bot enables you to send requests to\nGoogle"])
            .unwrap();
        filling.answer("public", ["0"]).unwrap();
        filling.answer("invitelist", ["juliet@capulet.com", "benvolio@montague.net"]).unwrap();
        let submission = filling.finish().unwrap();
        assert_eq!(submission.kind, FormKind::Submit);
        assert_eq!(submission.form_type(), Some("jabber:bot"));
        assert_eq!(submission.values("description").count(), 2);
        assert_eq!(submission.values("features").collect::<Vec<_>>(), ["news", "search"]);
        assert_eq!(submission.value("maxsubs"), Some("20"));
        assert!(submission.field("password").is_none());
        let vars: Vec<_> = submission.fields.iter().filter_map(|f| f.var.as_deref()).collect();
        assert_eq!(
            vars,
            ["FORM_TYPE", "botname", "description", "public", "features", "maxsubs", "invitelist"]
        );
        assert!(submission.into_owned().to_element().is_ok());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let element = Element::parse(FORM).unwrap();
        let form = Form::parse(element.as_ref()).unwrap();
        let wrong = |var: &str, values: &[&'static str]| {
            Filling::of(&form).answer(var, values.iter().copied()).unwrap_err()
        };
        assert_eq!(wrong("unknown", &["x"]), FillError::NoSuchField("unknown".to_string()));
        assert_eq!(wrong("FORM_TYPE", &["x"]), FillError::NoSuchField("FORM_TYPE".to_string()));
        assert_eq!(wrong("botname", &["a", "b"]), FillError::TooMany("botname".to_string()));
        assert_eq!(wrong("public", &["yes"]), FillError::BadValue("public".to_string()));
        assert_eq!(wrong("maxsubs", &["11"]), FillError::NotAnOption("maxsubs".to_string()));
        assert_eq!(
            wrong("features", &["news", "news"]),
            FillError::Repeated("features".to_string())
        );
        assert_eq!(wrong("invitelist", &["@"]), FillError::BadValue("invitelist".to_string()));
        // XEP-0004, 3.2: a required field.
        let missing = Filling::of(&form).finish().unwrap_err();
        assert_eq!(missing, FillError::Missing("public".to_string()));
    }
}
