using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>
/// The precision and memory layout that a run computes with, chosen from what was asked for and what the machine can do.
/// What cannot be had falls back to the next best and says so: choosing never fails because of the machine.
/// </summary>
/// <remarks>Holds no tensors. The scope of <see cref="Enter"/> belongs to the thread that entered it.</remarks>
public sealed class PrecisionPlan
{
    private PrecisionPlan(TrainingPrecision precision, MemoryLayout layout, Device device, IReadOnlyList<Problem> warnings)
    {
        Precision = precision;
        Layout = layout;
        Device = device;
        Warnings = warnings;
    }

    /// <summary>The precision in effect; never <see cref="TrainingPrecision.Auto"/>.</summary>
    public TrainingPrecision Precision { get; }

    /// <summary>The layout in effect; never <see cref="MemoryLayout.Auto"/>.</summary>
    public MemoryLayout Layout { get; }

    /// <summary>The device that the plan is for.</summary>
    public Device Device { get; }

    /// <summary>What was asked for and could not be had, and what is done instead; empty where everything could.</summary>
    public IReadOnlyList<Problem> Warnings { get; }

    /// <summary>Whether losses have to be scaled by a <see cref="LossScaler"/>: with float16.</summary>
    public bool NeedsLossScaling => Precision == TrainingPrecision.Float16;

    /// <summary>Chooses.</summary>
    /// <param name="precision">What is asked for.</param>
    /// <param name="layout">What is asked for.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="logger">Is told what was picked and why; null for nobody.</param>
    /// <returns>What is in effect.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is none of its enumeration.</exception>
    public static PrecisionPlan Choose(TrainingPrecision precision, MemoryLayout layout, Device device, ILogger? logger = null) => throw new NotImplementedException();

    /// <summary>What is in effect, as <c>bfloat16 autocast, channels_last</c>.</summary>
    /// <returns>The description.</returns>
    public string Describe() => throw new NotImplementedException();

    /// <summary>
    /// Enters the precision on the calling thread: run forward and loss inside, the backward pass after the scope has ended.
    /// Scopes may be nested. In float32 it does nothing.
    /// </summary>
    /// <returns>Restores, when disposed on the same thread, what was before; a second time does nothing.</returns>
    /// <exception cref="InvalidOperationException">From <c>Dispose</c>: another thread disposes than entered.</exception>
    public IDisposable Enter() => throw new NotImplementedException();

    /// <summary>Lays out the convolution weights of a model as the plan says. The parameters stay the same objects, and their values the same.</summary>
    /// <param name="model">The model; do this before optimizer and average are created.</param>
    public void Prepare(nn.Module model) => throw new NotImplementedException();

    /// <summary>Lays out images as the plan says.</summary>
    /// <param name="images">N×C×H×W; stays the caller's.</param>
    /// <returns>The images in the plan's layout, a tensor of its own (of the same memory where nothing has to change). The caller owns it.</returns>
    public Tensor Arrange(Tensor images) => throw new NotImplementedException();
}
