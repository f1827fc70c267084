using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>
/// An exponential moving average of a model's weights (Polyak averaging in the form that Tan and Le, 2019, and others
/// evaluate): after every step <c>average = d·average + (1 − d)·weight</c>.
/// </summary>
/// <remarks>
/// With <c>warmUp</c> the factor d of the n-th update is <c>min(decay, (1 + n) / (10 + n))</c>, n from 1, as in TensorFlow's
/// <c>ExponentialMovingAverage</c>, so that the first, random weights are forgotten soon. Parameters and the running
/// statistics of normalisations are averaged; whole numbers, such as counters of batches, are copied as they are.
/// </remarks>
public sealed class WeightAverage : IDisposable
{
    /// <summary>Begins with the model's weights as they are.</summary>
    /// <param name="model">The model; it stays the caller's. Put it on its device before.</param>
    /// <param name="decay">What an update keeps of the average, 0 to below 1.</param>
    /// <param name="warmUp">Whether the first updates keep less.</param>
    /// <exception cref="ArgumentOutOfRangeException">The decay is out of its range.</exception>
    public WeightAverage(nn.Module model, double decay = 0.999, bool warmUp = true)
    {
    }

    /// <summary>What an update keeps of the average, after the warm-up.</summary>
    public double Decay => throw new NotImplementedException();

    /// <summary>Whether the first updates keep less.</summary>
    public bool WarmUp => throw new NotImplementedException();

    /// <summary>How many updates there were, also before a resume.</summary>
    public long Updates => throw new NotImplementedException();

    /// <summary>Takes the model's weights, after a step, into the average.</summary>
    /// <exception cref="InvalidOperationException">The average is swapped into the model.</exception>
    public void Update() => throw new NotImplementedException();

    /// <summary>Swaps the average into the model, until the result is disposed: then the model has its own weights again, bit for bit.</summary>
    /// <returns>Ends the swap when disposed; a second time does nothing.</returns>
    /// <exception cref="InvalidOperationException">The average is swapped in already.</exception>
    /// <remarks>What is written to the model's weights in between, as by a training step, goes to the average. Saving the model meanwhile saves the average.</remarks>
    public IDisposable Apply() => throw new NotImplementedException();

    /// <summary>The average under the names of the state dict, and <c>updates</c> (int64).</summary>
    /// <returns>Names and tensors. They stay the average's: save them, do not keep or dispose them.</returns>
    /// <exception cref="InvalidOperationException">The average is swapped into the model.</exception>
    public IReadOnlyDictionary<string, Tensor> State() => throw new NotImplementedException();

    /// <summary>Takes up what <see cref="State"/> gave, all or nothing.</summary>
    /// <param name="state">Names and tensors; they stay the caller's.</param>
    /// <exception cref="TrainingStateException">Something is missing, unexpected or has another shape; lists all of it. The average is as it was.</exception>
    /// <exception cref="InvalidOperationException">The average is swapped into the model.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) => throw new NotImplementedException();

    /// <summary>Disposes the average; swaps the model's own weights back before where they are not.</summary>
    public void Dispose() => throw new NotImplementedException();
}
