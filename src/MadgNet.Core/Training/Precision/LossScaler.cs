using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>
/// Dynamic loss scaling for float16 (Micikevicius et al., ICLR 2018; PyTorch's <c>GradScaler</c>): the loss is multiplied with
/// a scale so that small gradients do not vanish; the scale falls when gradients overflow and rises when they long did not.
/// </summary>
/// <remarks>A step: <see cref="Scale"/> the loss, backward, <see cref="Unscale"/>, step the optimizer only where it was finite, <see cref="Update"/>.</remarks>
public sealed class LossScaler
{
    /// <summary>Creates a scaler.</summary>
    /// <param name="initial">The first scale; above 0.</param>
    /// <param name="growth">What the scale is multiplied with when it rises; above 1.</param>
    /// <param name="backoff">What the scale is multiplied with when gradients overflow; above 0, below 1.</param>
    /// <param name="interval">How many finite steps in a row let it rise; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public LossScaler(double initial = 65536, double growth = 2, double backoff = 0.5, int interval = 2000)
    {
    }

    /// <summary>What the loss is multiplied with.</summary>
    public double Factor => throw new NotImplementedException();

    /// <summary>Multiplies the loss.</summary>
    /// <param name="loss">The loss; stays the caller's.</param>
    /// <returns>The scaled loss, in its graph. The caller owns it.</returns>
    public Tensor Scale(Tensor loss) => throw new NotImplementedException();

    /// <summary>Divides the gradients by the scale, in place. With gradient accumulation: once, after the last backward pass.</summary>
    /// <param name="groups">The parameters whose gradients are meant.</param>
    /// <returns>Whether all of them are finite: only then may the optimizer step.</returns>
    public bool Unscale(IReadOnlyList<ParameterGroup> groups) => throw new NotImplementedException();

    /// <summary>Adjusts the scale after a step.</summary>
    /// <param name="finite">What <see cref="Unscale"/> returned.</param>
    public void Update(bool finite) => throw new NotImplementedException();

    /// <summary>What has to be remembered to go on exactly.</summary>
    /// <returns>A text.</returns>
    public string SaveState() => throw new NotImplementedException();

    /// <summary>Takes up what <see cref="SaveState"/> gave.</summary>
    /// <param name="state">The text.</param>
    /// <exception cref="TrainingStateException">The text is none of a scaler's; the scaler is as it was.</exception>
    public void LoadState(string state) => throw new NotImplementedException();
}
