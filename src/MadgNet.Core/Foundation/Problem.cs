namespace MadgNet.Core.Foundation;

/// <summary>
/// One thing that is wrong with an input, in the three parts that a user needs: what was received, what is expected
/// and what to do about it.
/// </summary>
/// <param name="Subject">What the problem is about: an option's name, a file, a tensor.</param>
/// <param name="Received">What was received, with its value.</param>
/// <param name="Expected">What would have been accepted.</param>
/// <param name="Remedy">What the caller can do, as an instruction without its closing full stop.</param>
public sealed record Problem(string Subject, string Received, string Expected, string Remedy)
{
    /// <summary>
    /// The problem as one sentence a part: <c>Subject: received …; expected …. Remedy.</c> Control characters, which names of files may
    /// hold, are shown escaped.
    /// </summary>
    /// <returns>The message of the problem, one line.</returns>
    public override string ToString() => PlainText.Line($"{Subject}: received {Received}; expected {Expected}. {Remedy}.");

    /// <summary>The problem of an enumeration that has no such member, if it has none.</summary>
    /// <typeparam name="T">The enumeration, without flags.</typeparam>
    /// <param name="subject">The option's name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>One problem, or none where the value is a member.</returns>
    public static IEnumerable<Problem> Undefined<T>(string subject, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? [] : [new Problem(subject, $"{value:D}", string.Join(", ", Enum.GetNames<T>()), "Choose one of them")];
}
