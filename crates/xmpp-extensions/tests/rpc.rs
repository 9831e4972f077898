//! XEP-0009: values within values.

use xmpp_extensions::things::rpc::{
    Array, ArrayData, Content, Data, I4, Member, MethodCall, Param, Params, Query, Struct, Text,
    Value,
};
use xmpp_stanza::xml::{Element, Limits};
use xmpp_stanza::{IntoOwned, Payload};

#[test]
fn a_call_is_built_as_the_example_is() {
    // XEP-0009, example 1.
    let six = Value::default().with_data(Data::I4(I4::new(6)));
    let call = MethodCall::new("examples.getStateName")
        .with_params(Params::default().with_params([Param::new(six)]));
    let query = Query::default().with_content(Content::Call(Box::new(call)));
    let xml = "<query xmlns='jabber:iq:rpc'><methodCall><methodName>examples.getStateName</methodName>\
               <params><param><value><i4>6</i4></value></param></params></methodCall></query>";
    let element = Element::parse(xml).unwrap();
    assert_eq!(query.to_element().unwrap(), element);
    assert_eq!(Query::parse(element.as_ref()).unwrap(), query);
}

#[test]
fn structures_and_texts_without_a_type() {
    let xml = "<value xmlns='jabber:iq:rpc'><struct><member><name>a</name><value>plain</value></member>\
               <member><name>b</name><value><array><data><value><string>x</string></value></data></array>\
               </value></member></struct></value>";
    let element = Element::parse(xml).unwrap();
    let text = Value::default().with_data(Data::Text(Text::new("x")));
    let array = Array::new(ArrayData::default().with_values([text]));
    let members = Struct::default().with_members([
        Member::new("a", Value::default().with_text("plain")),
        Member::new("b", Value::default().with_data(Data::Array(array))),
    ]);
    let value = Value::default().with_data(Data::Struct(members));
    assert_eq!(Value::parse(element.as_ref()).unwrap(), value);
    assert_eq!(value.to_element().unwrap(), element);
}

#[test]
fn values_as_deep_as_xml_may_be() {
    let levels = Limits::default().max_depth as usize / 3 - 1;
    let mut xml = String::from("<value xmlns='jabber:iq:rpc'>");
    xml.push_str(&"<array><data><value>".repeat(levels));
    xml.push('x');
    xml.push_str(&"</value></data></array>".repeat(levels));
    xml.push_str("</value>");
    let element = Element::parse(xml).unwrap();
    let value = Value::parse(element.as_ref()).unwrap().into_owned();
    let mut deepest = &value;
    let mut found = 0;
    while let Some(Data::Array(array)) = &deepest.data {
        deepest = &array.data.values[0];
        found += 1;
    }
    assert_eq!((found, deepest.text.as_deref()), (levels, Some("x")));
    assert_eq!(value.to_element().unwrap(), element);
}
