using MadgNet.Core.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks.Published;

/// <summary>One training step of the straightforward port, with TorchSharp's Adam.</summary>
internal sealed class PublishedTraining : IDisposable
{
    private readonly PublishedNetwork _network;
    private readonly Adam _optimizer;
    private readonly Tensor _images;
    private readonly TaskMaps _targets;

    public PublishedTraining(MadgNetModel model, Tensor images, TaskMaps targets)
    {
        _network = PublishedNetwork.Like(model);
        _network.train();
        _optimizer = optim.Adam(_network.parameters(), 1e-4);
        (_images, _targets) = (images, targets);
    }

    public PublishedNetwork Network => _network;

    public double Step()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        Tensor loss = PublishedLoss.Compute(_network.call(_images), _targets);
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }
}
