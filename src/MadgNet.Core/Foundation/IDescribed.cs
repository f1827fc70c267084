namespace MadgNet.Core.Foundation;

/// <summary>
/// Something that says what it is made of: a training is resumed only with what it began with, and manifest and model card
/// record it. Losses, schedules, optimizer options and transforms are described by what their <c>Describe()</c> gives; a
/// dataset or reader of your own may implement this interface.
/// </summary>
public interface IDescribed
{
    /// <summary>Everything that the results depend on.</summary>
    /// <returns>
    /// Names and values. A value is a number, a text, a truth, an enumeration, null, another <see cref="IDescribed"/>, or a
    /// list of these.
    /// </returns>
    IEnumerable<(string Name, object? Value)> Describe();
}
