namespace MadgNet.Core.Weights;

/// <summary>A tensor of one side that the other side does not have.</summary>
/// <param name="Name">Its name, in the model or in the file.</param>
/// <param name="NearestName">
/// The name on the other side that differs in the fewest letters, preferably one without counterpart; null where none is
/// near (more than two fifths differ). Looked for up to the hundredth tensor.
/// </param>
public sealed record UnmatchedWeight(string Name, string? NearestName)
{
    /// <summary>The name with the nearest one.</summary>
    /// <returns>For example <c>conv.weigth (nearest: conv.weight)</c>.</returns>
    public override string ToString() => NearestName is null ? Name : $"{Name} (nearest: {NearestName})";
}
