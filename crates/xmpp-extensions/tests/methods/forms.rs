use std::borrow::Cow;

use xmpp_extensions::base::forms::{
    Field, FieldKind, FieldOption, FillError, Filling, Form, FormKind, Item, ListRange, Range,
    Validate, ValidationMethod,
};
use xmpp_stanza::Payload;

use crate::element;

fn field(kind: FieldKind) -> Field<'static> {
    Field::new().with_var("f").with_kind(kind)
}

fn form(field: Field<'static>) -> Form<'static> {
    Form::new(FormKind::Form).with_fields([field])
}

/// What comes of an answer to a field `f`: its values in the submitted form.
fn answered(field: Field<'static>, values: &[&'static str]) -> Result<Vec<String>, FillError> {
    let form = form(field);
    let mut filling = Filling::of(&form);
    filling.answer("f", values.iter().copied())?;
    let submission = filling.finish()?;
    Ok(submission.values("f").map(str::to_owned).collect())
}

fn as_given(values: &[&str]) -> Result<Vec<String>, FillError> {
    Ok(values.iter().map(|value| (*value).to_owned()).collect())
}

fn options() -> [FieldOption<'static>; 3] {
    ["a", "b", "c"].map(FieldOption::new)
}

/// XEP-0004, 3.3: how many values a field of a type has, and which.
#[test]
fn answers_by_type() {
    let f = || "f".to_owned();
    for kind in [FieldKind::TextSingle, FieldKind::TextPrivate] {
        assert_eq!(answered(field(kind), &["x"]), as_given(&["x"]));
        assert_eq!(answered(field(kind), &["x", "y"]), Err(FillError::TooMany(f())));
        assert_eq!(answered(field(kind), &[]), as_given(&[]));
    }
    // Without a type it is a line of text.
    let untyped = || Field::new().with_var("f");
    assert_eq!(answered(untyped(), &["x"]), as_given(&["x"]));
    assert_eq!(answered(untyped(), &["x", "y"]), Err(FillError::TooMany(f())));
    for value in ["true", "false", "1", "0"] {
        assert_eq!(answered(field(FieldKind::Boolean), &[value]), as_given(&[value]));
    }
    assert_eq!(answered(field(FieldKind::Boolean), &["2"]), Err(FillError::BadValue(f())));
    assert_eq!(answered(field(FieldKind::Boolean), &["1", "0"]), Err(FillError::TooMany(f())));
    for kind in [FieldKind::JidSingle, FieldKind::JidMulti] {
        assert_eq!(answered(field(kind), &["a@b"]), as_given(&["a@b"]));
        assert_eq!(answered(field(kind), &["a@"]), Err(FillError::BadValue(f())));
    }
    assert_eq!(answered(field(FieldKind::JidSingle), &["a", "b"]), Err(FillError::TooMany(f())));
    let jids = field(FieldKind::JidMulti);
    assert_eq!(answered(jids.clone(), &["b", "a"]), as_given(&["b", "a"]));
    // "Duplicate JIDs are determined by comparison": each is there once.
    assert_eq!(answered(jids, &["b", "a", "b"]), Err(FillError::Repeated(f())));
    for kind in [FieldKind::ListSingle, FieldKind::ListMulti] {
        let list = field(kind).with_options(options());
        assert_eq!(answered(list.clone(), &["b"]), as_given(&["b"]));
        assert_eq!(answered(list, &["d"]), Err(FillError::NotAnOption(f())));
    }
    let single = field(FieldKind::ListSingle).with_options(options());
    assert_eq!(answered(single, &["a", "b"]), Err(FillError::TooMany(f())));
    let multi = || field(FieldKind::ListMulti).with_options(options());
    assert_eq!(answered(multi(), &["c", "a"]), as_given(&["c", "a"]));
    assert_eq!(answered(multi(), &["a", "a"]), Err(FillError::Repeated(f())));
    // A text may have the same line twice.
    let text = || field(FieldKind::TextMulti);
    assert_eq!(answered(text(), &["x", "x"]), as_given(&["x", "x"]));
    assert_eq!(answered(text(), &["x\ny\r\nz", "u"]), as_given(&["x", "y", "z", "u"]));
    for kind in [FieldKind::Fixed, FieldKind::Hidden] {
        assert_eq!(answered(field(kind), &["x"]), Err(FillError::NoSuchField(f())));
    }
}

/// XEP-0004, 3.2: no value has a line feed or a carriage return, and no line is lost.
#[test]
fn lines_of_a_text() {
    let form = form(field(FieldKind::TextMulti));
    for (text, lines) in [
        ("x\ny", &["x", "y"][..]),
        ("x\r\ny", &["x", "y"]),
        ("x\ry", &["x", "y"]),
        ("x\n\n y\n", &["x", "", " y"]),
        ("\nx", &["", "x"]),
        ("x", &["x"]),
        ("", &[""]),
    ] {
        for text in [Cow::Borrowed(text), Cow::Owned(text.to_owned())] {
            let mut filling = Filling::of(&form);
            filling.answer("f", [text.clone()]).unwrap();
            let submission = filling.finish().unwrap();
            assert_eq!(submission.values("f").collect::<Vec<_>>(), lines, "{text:?}");
        }
    }
    assert_eq!(answered(field(FieldKind::TextMulti), &["x", "", "y"]), as_given(&["x", "", "y"]));
}

/// XEP-0004, 3.1 and 3.2: what is required, what keeps its value, what is left out.
#[test]
fn what_is_submitted() {
    let required = field(FieldKind::TextSingle).with_required();
    let missing = || Err(FillError::Missing("f".to_owned()));
    assert_eq!(answered(required.clone(), &["x"]), as_given(&["x"]));
    assert_eq!(answered(required.clone(), &[""]), missing());
    assert_eq!(answered(required.clone(), &[]), missing());
    let of = |field: Field<'static>| {
        let form = form(field);
        Filling::of(&form).finish().map(xmpp_stanza::IntoOwned::into_owned)
    };
    assert_eq!(of(required.clone()).map(drop), missing().map(|_: Vec<String>| ()));
    let with_value = required.with_values([Cow::Borrowed("v")]);
    let kept = of(with_value.clone()).unwrap();
    assert_eq!(kept.kind, FormKind::Submit);
    // Its name, its type and its values: nothing else of the field goes back.
    let expected = field(FieldKind::TextSingle).with_values([Cow::Borrowed("v")]);
    assert_eq!(kept.fields, [expected]);
    assert_eq!(answered(with_value, &["w"]), as_given(&["w"]));
    let several = field(FieldKind::TextMulti).with_required();
    assert_eq!(answered(several.clone(), &["", "x"]), as_given(&["", "x"]));
    assert_eq!(answered(several, &["", ""]), missing());
    for empty in [
        field(FieldKind::TextSingle),
        field(FieldKind::Fixed).with_values([Cow::Borrowed("v")]),
        Field::new().with_values([Cow::Borrowed("v")]),
    ] {
        assert!(of(empty).unwrap().fields.is_empty());
    }
    let hidden = field(FieldKind::Hidden).with_values([Cow::Borrowed("v")]);
    assert_eq!(of(hidden.clone()).unwrap().fields, [hidden]);
}

/// XEP-0122, 3.2.2 and 3.3: options that are proposals; how many of them.
#[test]
fn answers_that_are_validated() {
    let open = Validate::new().with_method(ValidationMethod::Open);
    for kind in [FieldKind::ListSingle, FieldKind::ListMulti] {
        let list = field(kind).with_options(options());
        assert_eq!(answered(list.clone().with_validate(open.clone()), &["d"]), as_given(&["d"]));
        let basic = Validate::new().with_method(ValidationMethod::Basic);
        let refused = Err(FillError::NotAnOption("f".to_owned()));
        assert_eq!(answered(list.with_validate(basic), &["d"]), refused);
    }
    let number = Validate::new().with_datatype("xs:unsignedByte");
    let text = field(FieldKind::TextSingle).with_validate(number.clone());
    assert_eq!(answered(text.clone(), &["255"]), as_given(&["255"]));
    assert_eq!(answered(text, &["256"]), Err(FillError::BadValue("f".to_owned())));
    // What cannot be judged here is the other's to judge.
    let unknown = Validate::new().with_datatype("x:phone");
    let text = field(FieldKind::TextSingle).with_validate(unknown);
    assert_eq!(answered(text, &["x"]), as_given(&["x"]));

    let of = |range: ListRange<'static>, values: &[&'static str]| {
        let validate = Validate::new().with_list_range(range);
        answered(
            field(FieldKind::ListMulti).with_options(options()).with_validate(validate),
            values,
        )
    };
    let both = || ListRange::new().with_min(2_u32).with_max(2_u32);
    let wrong = || Err(FillError::WrongNumber("f".to_owned()));
    assert_eq!(of(both(), &["a"]), wrong());
    assert_eq!(of(both(), &["a", "b"]), as_given(&["a", "b"]));
    assert_eq!(of(both(), &["a", "b", "c"]), wrong());
    assert_eq!(of(ListRange::new().with_min(2_u32), &["a", "b", "c"]), as_given(&["a", "b", "c"]));
    assert_eq!(of(ListRange::new().with_min(2_u32), &["a"]), wrong());
    assert_eq!(of(ListRange::new().with_max(2_u32), &["a"]), as_given(&["a"]));
    assert_eq!(of(ListRange::new().with_max(2_u32), &["a", "b", "c"]), wrong());
    assert_eq!(of(ListRange::new(), &["a"]), as_given(&["a"]));
    // 3.3: the range is one of lists alone.
    let range = Validate::new().with_list_range(both());
    let jids = field(FieldKind::JidMulti).with_validate(range);
    assert_eq!(answered(jids, &["a"]), as_given(&["a"]));
}

/// XEP-0122, 3.1 and 5: the types of XML Schema, at both ends of what they hold.
#[test]
fn values_of_each_datatype() {
    for (datatype, good, bad) in [
        ("xs:string", &["", "x y"][..], &[][..]),
        ("xs:anyURI", &["xmpp:a@b", ""], &["a b", "a\n"]),
        ("xs:boolean", &["true", "false", "0", "1", " 1 "], &["", "yes", "TRUE"]),
        ("xs:byte", &["-128", "127", " 1"], &["-129", "128", "", "1.0"]),
        ("xs:short", &["-32768", "32767"], &["-32769", "32768"]),
        ("xs:int", &["-2147483648", "2147483647"], &["-2147483649", "2147483648"]),
        ("xs:long", &["-9223372036854775808", "9223372036854775807"], &["9223372036854775808"]),
        ("xs:integer", &["-1", "0", "9"], &["x", "1e3"]),
        ("xs:unsignedByte", &["0", "255"], &["-1", "256"]),
        ("xs:unsignedShort", &["0", "65535"], &["-1", "65536"]),
        ("xs:unsignedInt", &["0", "4294967295"], &["-1", "4294967296"]),
        ("xs:unsignedLong", &["0", "18446744073709551615"], &["-1", "18446744073709551616"]),
        ("xs:nonNegativeInteger", &["0", "9"], &["-1"]),
        ("xs:decimal", &["-1.5", "2"], &["x", ""]),
        ("xs:double", &["-1.5", "1e3"], &["x", "1 2"]),
        ("xs:float", &["-1.5", "1e3"], &["x"]),
        ("xs:date", &["2003-10-05"], &["2003-13-05", "2003-10-05T00:00:00Z"]),
        ("xs:dateTime", &["2003-10-05T00:00:00Z"], &["2003-10-05", "noon"]),
        ("xmpp:jid", &["a@b/c"], &["@", "a@"]),
    ] {
        let validate = Validate::new().with_datatype(datatype);
        for value in good {
            assert_eq!(validate.allows(value), Some(true), "{datatype} {value}");
        }
        for value in bad {
            assert_eq!(validate.allows(value), Some(false), "{datatype} {value}");
        }
    }
    for unknown in ["xs:language", "string", ""] {
        assert_eq!(Validate::new().with_datatype(unknown).allows("x"), None, "{unknown}");
    }
}

/// XEP-0122, 3.2.3: the ends are within the range; one may be left out.
#[test]
fn values_in_ranges() {
    let of = |datatype: &'static str, range: Range<'static>| {
        Validate::new().with_datatype(datatype).with_method(ValidationMethod::Range(range))
    };
    let allowed = |validate: &Validate<'_>, values: [&str; 4]| {
        values.map(|value| validate.allows(value) == Some(true))
    };
    let min = || Range::new().with_min("5");
    for datatype in ["xs:int", "xs:byte", "xs:unsignedShort", "xs:decimal"] {
        let both = of(datatype, min().with_max("7"));
        assert_eq!(allowed(&both, ["4", "5", "7", "8"]), [false, true, true, false], "{datatype}");
        let low = of(datatype, min());
        assert_eq!(allowed(&low, ["4", "5", "7", "8"]), [false, true, true, true], "{datatype}");
        let high = of(datatype, Range::new().with_max("7"));
        assert_eq!(allowed(&high, ["4", "5", "7", "8"]), [true, true, true, false], "{datatype}");
    }
    let days = of("xs:date", Range::new().with_min("2003-10-05").with_max("2003-10-24"));
    let dates = ["2003-10-04", "2003-10-05", "2003-10-24", "2003-10-25"];
    assert_eq!(allowed(&days, dates), [false, true, true, false]);
}

/// XEP-0004, 3.2 to 3.4: what there is in forms and in the rows of tables.
#[test]
fn fields_and_their_values() {
    let form = Form::new(FormKind::Result)
        .with_value("one", "1")
        .with_list("two", ["2", "3"])
        .with_list("none", Vec::<String>::new())
        .with_form_type("urn:t");
    assert_eq!(form.fields.len(), 4);
    // XEP-0068, 3.1: the type comes first, and is hidden.
    assert_eq!(form.fields[0].kind, Some(FieldKind::Hidden));
    assert_eq!(form.form_type(), Some("urn:t"));
    assert_eq!(form.field("one"), Some(&Field::of("one", "1")));
    assert_eq!(form.field("three"), None);
    assert_eq!((form.value("one"), form.value("two")), (Some("1"), Some("2")));
    assert_eq!((form.value("none"), form.value("three")), (None, None));
    assert_eq!(form.values("two").collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(form.values("three").count(), 0);
    assert_eq!(form.get::<u8>("two"), Ok(Some(2)));
    assert_eq!(form.get::<u8>("none"), Ok(None));
    assert_eq!(Field::of("a", " 7 ").get::<u8>(), Ok(Some(7)));
    assert_eq!(Field::of("a", " ").get::<u8>(), Ok(None));
    assert_eq!(Field::of("a", " x ").get::<Cow<'_, str>>(), Ok(Some(" x ".into())));
    let error = Field::of("a", "x").get::<u8>().unwrap_err();
    assert_eq!(error.section(), "XEP-0004, 3.3");

    let item = Item::new().with_fields([Field::of("name", "Juliet"), Field::of("jid", "j@c")]);
    assert_eq!(item.value("jid"), Some("j@c"));
    assert_eq!(item.field("name"), Some(&Field::of("name", "Juliet")));
    assert_eq!((item.value("x"), item.field("x")), (None, None));
}

/// Any value can be a secret: how many there are is all that is shown.
#[test]
fn values_of_fields_do_not_show() {
    let field =
        field(FieldKind::TextPrivate).with_label("Password").with_values([Cow::Borrowed("R0m30")]);
    let shown = format!("{field:?}");
    for part in ["Field", "\"f\"", "TextPrivate", "Password", "values: 1", "required: false"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("R0m30"));
}

mod bot {
    use std::borrow::Cow;

    xmpp_extensions::form_fields! {
        /// The forms of a bot (XEP-0004, examples 2 and 3).
        Bot = "jabber:bot";
        /// Its name.
        name: one Cow<'a, str> = "botname",
        /// Whether everybody may talk to it.
        public: one bool = "public",
        /// What it can do.
        features: many Cow<'a, str> = "features",
        /// On which days.
        days: many u8 = "days",
    }
}

/// XEP-0068: the fields of a form by their types.
#[test]
fn forms_as_structs() {
    let xml = "<x xmlns='jabber:x:data' type='submit'>\
        <field var='FORM_TYPE' type='hidden'><value>jabber:bot</value></field>\
        <field var='botname'><value/></field><field var='public'><value> </value></field>\
        <field var='features'><value>news</value><value/></field>\
        <field var='days'><value>1</value><value> </value><value>7</value></field>\
        <field var='other'><value>x</value></field></x>";
    let element = element(xml);
    let form = Form::parse(element.as_ref()).unwrap();
    let bot = bot::Bot::from_form(&form).unwrap();
    // An empty value is one of a text alone.
    assert_eq!((bot.name.as_deref(), bot.public), (Some(""), None));
    assert_eq!((&*bot.features, &*bot.days), (&["news".into(), "".into()][..], &[1, 7][..]));
    assert_eq!(bot.others, [Field::of("other", "x")]);
    let again = bot.to_form(FormKind::Submit);
    assert_eq!(again.kind, FormKind::Submit);
    let vars: Vec<_> = again.fields.iter().filter_map(|field| field.var.as_deref()).collect();
    assert_eq!(vars, ["FORM_TYPE", "botname", "features", "days", "other"]);
    assert_eq!(again.values("days").collect::<Vec<_>>(), ["1", "7"]);
    assert_eq!(bot::Bot::from_form(&again), Some(bot.clone()));
    // Bad values are kept as they are.
    let bad = Form::new(FormKind::Submit)
        .with_form_type(bot::Bot::FORM_TYPE)
        .with_value("public", "perhaps")
        .with_list("days", ["1", "256"]);
    let read = bot::Bot::from_form(&bad).unwrap();
    assert_eq!((read.public, read.days.len(), read.others.len()), (None, 0, 2));
    assert_eq!(bot::Bot::from_form(&Form::new(FormKind::Submit).with_form_type("urn:x")), None);
    assert_eq!(bot::Bot::from_form(&Form::new(FormKind::Submit)), None);
}
