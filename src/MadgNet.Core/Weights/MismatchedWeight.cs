namespace MadgNet.Core.Weights;

/// <summary>A tensor that both sides have, in shapes or types that do not go together.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Source">Name, type and shape in the file.</param>
/// <param name="Target">Name, type and shape in the model.</param>
public sealed record MismatchedWeight(string Name, TensorInfo Source, TensorInfo Target)
{
    /// <summary>The name with both descriptions.</summary>
    /// <returns>For example <c>conv.weight: Float32 64×3×7×7 in the file, Float32 64×1×7×7 in the model</c>.</returns>
    public override string ToString() => $"{Name}: {Source} in the file, {Target} in the model";
}
