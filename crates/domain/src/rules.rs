//! Which tasks may be sent: the rules and their exact sentences.
