//! User mood: XEP-0107.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements, and the node that they are published at.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/mood");

/// How somebody feels (XEP-0107, 2.1). An empty one says nothing any more.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "mood", section = "XEP-0107, 2.1")]
#[non_exhaustive]
pub struct Mood<'a> {
    /// The mood.
    #[xml(child)]
    pub feeling: Option<Feeling>,
    /// The reason, in words.
    #[xml(leaf)]
    pub text: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A mood (XEP-0107, 3).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = NS, section = "XEP-0107, 3")]
#[non_exhaustive]
pub enum Feeling {
    /// Afraid.
    #[xml(name = "afraid")]
    Afraid,
    /// Amazed.
    #[xml(name = "amazed")]
    Amazed,
    /// Angry.
    #[xml(name = "angry")]
    Angry,
    /// Amorous.
    #[xml(name = "amorous")]
    Amorous,
    /// Annoyed.
    #[xml(name = "annoyed")]
    Annoyed,
    /// Anxious.
    #[xml(name = "anxious")]
    Anxious,
    /// Aroused.
    #[xml(name = "aroused")]
    Aroused,
    /// Ashamed.
    #[xml(name = "ashamed")]
    Ashamed,
    /// Bored.
    #[xml(name = "bored")]
    Bored,
    /// Brave.
    #[xml(name = "brave")]
    Brave,
    /// Calm.
    #[xml(name = "calm")]
    Calm,
    /// Cautious.
    #[xml(name = "cautious")]
    Cautious,
    /// Cold.
    #[xml(name = "cold")]
    Cold,
    /// Confident.
    #[xml(name = "confident")]
    Confident,
    /// Confused.
    #[xml(name = "confused")]
    Confused,
    /// Contemplative.
    #[xml(name = "contemplative")]
    Contemplative,
    /// Contented.
    #[xml(name = "contented")]
    Contented,
    /// Cranky.
    #[xml(name = "cranky")]
    Cranky,
    /// Crazy.
    #[xml(name = "crazy")]
    Crazy,
    /// Creative.
    #[xml(name = "creative")]
    Creative,
    /// Curious.
    #[xml(name = "curious")]
    Curious,
    /// Dejected.
    #[xml(name = "dejected")]
    Dejected,
    /// Depressed.
    #[xml(name = "depressed")]
    Depressed,
    /// Disappointed.
    #[xml(name = "disappointed")]
    Disappointed,
    /// Disgusted.
    #[xml(name = "disgusted")]
    Disgusted,
    /// Dismayed.
    #[xml(name = "dismayed")]
    Dismayed,
    /// Distracted.
    #[xml(name = "distracted")]
    Distracted,
    /// Embarrassed.
    #[xml(name = "embarrassed")]
    Embarrassed,
    /// Envious.
    #[xml(name = "envious")]
    Envious,
    /// Excited.
    #[xml(name = "excited")]
    Excited,
    /// Flirtatious.
    #[xml(name = "flirtatious")]
    Flirtatious,
    /// Frustrated.
    #[xml(name = "frustrated")]
    Frustrated,
    /// Grumpy.
    #[xml(name = "grumpy")]
    Grumpy,
    /// Guilty.
    #[xml(name = "guilty")]
    Guilty,
    /// Happy.
    #[xml(name = "happy")]
    Happy,
    /// Hopeful.
    #[xml(name = "hopeful")]
    Hopeful,
    /// Hot.
    #[xml(name = "hot")]
    Hot,
    /// Humbled.
    #[xml(name = "humbled")]
    Humbled,
    /// Humiliated.
    #[xml(name = "humiliated")]
    Humiliated,
    /// Hungry.
    #[xml(name = "hungry")]
    Hungry,
    /// Hurt.
    #[xml(name = "hurt")]
    Hurt,
    /// Impressed.
    #[xml(name = "impressed")]
    Impressed,
    /// In awe.
    #[xml(name = "in_awe")]
    InAwe,
    /// In love.
    #[xml(name = "in_love")]
    InLove,
    /// Indignant.
    #[xml(name = "indignant")]
    Indignant,
    /// Interested.
    #[xml(name = "interested")]
    Interested,
    /// Intoxicated.
    #[xml(name = "intoxicated")]
    Intoxicated,
    /// Invincible.
    #[xml(name = "invincible")]
    Invincible,
    /// Jealous.
    #[xml(name = "jealous")]
    Jealous,
    /// Lonely.
    #[xml(name = "lonely")]
    Lonely,
    /// Lucky.
    #[xml(name = "lucky")]
    Lucky,
    /// Mean.
    #[xml(name = "mean")]
    Mean,
    /// Moody.
    #[xml(name = "moody")]
    Moody,
    /// Nervous.
    #[xml(name = "nervous")]
    Nervous,
    /// Neutral.
    #[xml(name = "neutral")]
    Neutral,
    /// Offended.
    #[xml(name = "offended")]
    Offended,
    /// Outraged.
    #[xml(name = "outraged")]
    Outraged,
    /// Playful.
    #[xml(name = "playful")]
    Playful,
    /// Proud.
    #[xml(name = "proud")]
    Proud,
    /// Relaxed.
    #[xml(name = "relaxed")]
    Relaxed,
    /// Relieved.
    #[xml(name = "relieved")]
    Relieved,
    /// Remorseful.
    #[xml(name = "remorseful")]
    Remorseful,
    /// Restless.
    #[xml(name = "restless")]
    Restless,
    /// Sad.
    #[xml(name = "sad")]
    Sad,
    /// Sarcastic.
    #[xml(name = "sarcastic")]
    Sarcastic,
    /// Serious.
    #[xml(name = "serious")]
    Serious,
    /// Shocked.
    #[xml(name = "shocked")]
    Shocked,
    /// Shy.
    #[xml(name = "shy")]
    Shy,
    /// Sick.
    #[xml(name = "sick")]
    Sick,
    /// Sleepy.
    #[xml(name = "sleepy")]
    Sleepy,
    /// Spontaneous.
    #[xml(name = "spontaneous")]
    Spontaneous,
    /// Stressed.
    #[xml(name = "stressed")]
    Stressed,
    /// Strong.
    #[xml(name = "strong")]
    Strong,
    /// Surprised.
    #[xml(name = "surprised")]
    Surprised,
    /// Thankful.
    #[xml(name = "thankful")]
    Thankful,
    /// Thirsty.
    #[xml(name = "thirsty")]
    Thirsty,
    /// Tired.
    #[xml(name = "tired")]
    Tired,
    /// Undefined.
    #[xml(name = "undefined")]
    Undefined,
    /// Weak.
    #[xml(name = "weak")]
    Weak,
    /// Worried.
    #[xml(name = "worried")]
    Worried,
}
