namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Rows of float32 memory that one elementwise pass goes over together, with the numbers that it needs. The tensors behind
/// the rows have to outlive the pass.
/// </summary>
internal readonly unsafe struct FusedJob
{
    /// <summary>The row that the pass is about: a parameter, an average, a gradient.</summary>
    public required float* Target { get; init; }

    /// <summary>The row that it takes in: a gradient, a weight.</summary>
    public float* Source { get; init; }

    /// <summary>A row of the optimizer's state.</summary>
    public float* First { get; init; }

    /// <summary>Another row of the optimizer's state.</summary>
    public float* Second { get; init; }

    /// <summary>The values in each row.</summary>
    public required long Length { get; init; }

    /// <summary>The rate, or the factor that the pass multiplies with.</summary>
    public float Rate { get; init; }

    /// <summary>The weight decay, in the form that the pass takes it.</summary>
    public float Decay { get; init; }

    /// <summary>A divisor that depends on the step.</summary>
    public float Correction { get; init; }
}
