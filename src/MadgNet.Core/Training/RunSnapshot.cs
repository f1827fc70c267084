using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>
/// What a forward pass changes besides the weights: the buffers of the model (running statistics) and libtorch's random
/// numbers. Taken before every step, so that a step that fails or is cancelled half-way leaves no trace.
/// </summary>
internal sealed class RunSnapshot : IDisposable
{
    private readonly List<(Tensor Buffer, Tensor Copy)> _buffers = [];
    private Tensor? _random;

    public RunSnapshot(nn.Module model)
    {
        using var noGradients = no_grad();
        foreach ((_, Tensor buffer) in model.named_buffers())
        {
            _buffers.Add((buffer, buffer.clone().DetachFromDisposeScope()));
        }
    }

    /// <summary>The state of libtorch's random numbers on the CPU. The caller owns it.</summary>
    public static Tensor RandomState()
    {
        using Generator generator = Generator.Default;
        return generator.get_state();
    }

    /// <summary>Sets the state of libtorch's random numbers on the CPU.</summary>
    public static void SetRandomState(Tensor state)
    {
        using Generator generator = Generator.Default;
        generator.set_state(state);
    }

    public void Take()
    {
        using var noGradients = no_grad();
        foreach ((Tensor buffer, Tensor copy) in _buffers)
        {
            copy.copy_(buffer);
        }

        _random?.Dispose();
        _random = RandomState().DetachFromDisposeScope();
    }

    public void Restore()
    {
        if (_random is null)
        {
            return;
        }

        using var noGradients = no_grad();
        foreach ((Tensor buffer, Tensor copy) in _buffers)
        {
            buffer.copy_(copy);
        }

        SetRandomState(_random);
    }

    public void Dispose()
    {
        foreach ((_, Tensor copy) in _buffers)
        {
            copy.Dispose();
        }

        _random?.Dispose();
    }
}
