using TorchSharp;
namespace MadgNet.Core.Tests;
public class SmokeTests
{
    [Fact] public void Torch_loads() { using var x = torch.ones(3); Assert.Equal(3, x.size(0)); }
    [Fact] public void Skips() => Assert.Skip("not here");
}
