namespace MadgNet.PretrainedWeights;

/// <summary>A tensor to write.</summary>
/// <param name="Name">The name in the file that is written.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Values">The values, rows one behind the other.</param>
internal sealed record NamedTensor(string Name, IReadOnlyList<long> Shape, float[] Values);
